/** @file Looks a request's route up, checks its input against the schema, calls the handler, and always answers with an envelope. */
import { z } from 'zod';
import { AppError, toErrorData, type Result } from '../../shared/errors.ts';
import { routes, type ParsedInput, type RouteName, type RouteOutput } from '../../shared/routes.ts';

type HandlersOf<Name extends RouteName> = {
  [R in Name]: (input: ParsedInput<R>) => RouteOutput<R> | Promise<RouteOutput<R>>;
};

/** Routes that are answered before there is an app. */
export type StartRoute = Extract<RouteName, `start.${string}`>;
/** One handler for every other route: a missing or an extra one does not compile. */
export type RouteHandlers = HandlersOf<Exclude<RouteName, StartRoute>>;

export type Dispatch = (route: unknown, input: unknown) => Promise<Result<unknown>>;

/** `onBug` hears of errors that no one expected, so that they are not lost in an envelope. */
export function createDispatch(
  handlers: RouteHandlers | HandlersOf<StartRoute>,
  onBug: (route: string, error: unknown) => void,
): Dispatch {
  const handlerOf = handlers as Record<string, (input: never) => unknown>;
  return async (route, input) => {
    try {
      if (typeof route !== 'string' || !Object.hasOwn(handlers, route)) {
        throw new AppError('BAD_REQUEST', 'No request has that name.');
      }
      const parsed = routes[route as RouteName].input.safeParse(input ?? {});
      if (!parsed.success) throw new AppError('BAD_REQUEST', `${route}: ${z.prettifyError(parsed.error)}`);
      return { ok: true, data: await handlerOf[route]?.(parsed.data as never) };
    } catch (error) {
      const data = toErrorData(error);
      if (data.code === 'INTERNAL') onBug(String(route), error);
      return { ok: false, error: data };
    }
  };
}
