/** @file Methods whose storage failures are coded errors, whatever statement they come from. */
import type { Handlers } from '../../shared/port.ts';
import { storageFailure } from './failures.ts';
import type { OpenMethods } from './methods.ts';
import type { WorkspacePaths } from './paths.ts';

/** Every method with its storage failures coded. */
export function coded(methods: Handlers<OpenMethods>, paths: WorkspacePaths): Handlers<OpenMethods> {
  type Method = (input: unknown, context: unknown) => unknown;
  const guard =
    (method: Method): Method =>
    (input, context) => {
      try {
        const output = method(input, context);
        return output instanceof Promise
          ? output.catch((error: unknown) => {
              throw storageFailure(error, paths);
            })
          : output;
      } catch (error) {
        throw storageFailure(error, paths);
      }
    };
  const entries = Object.entries(methods).map(([name, method]) => [name, guard(method as Method)]);
  return Object.fromEntries(entries) as Handlers<OpenMethods>;
}
