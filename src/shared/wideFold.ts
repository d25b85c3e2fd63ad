/** @file What a verdict on a whole kind of line would hide: named before it is given. */

/** Of the kinds of line of some alerts. */
export type WideFold = {
  /** Kinds of line. */
  kinds: number;
  /** Open alerts that would fold, the chosen ones included. */
  alerts: number;
  /** How different they are: what is alike counts once, and so does each actor. */
  signatures: number;
  entities: number;
  /** Alerts of these kinds that were confirmed as threats. */
  threats: number;
};
