/** @file Looks a request's route up, checks its input against the schema, calls the handler, and always answers with an envelope. */
import { z } from 'zod';
import { AppError, toErrorData, type Result } from '../../shared/errors.ts';
import { routes, type ParsedInput, type RouteName, type RouteOutput } from '../../shared/routes.ts';

/** One handler for every route: a missing or an extra one does not compile. */
export type RouteHandlers = { [R in RouteName]: (input: ParsedInput<R>) => RouteOutput<R> | Promise<RouteOutput<R>> };

export type Dispatch = (route: unknown, input: unknown) => Promise<Result<unknown>>;

/** `onBug` hears of errors that no one expected, so that they are not lost in an envelope. */
export function createDispatch(handlers: RouteHandlers, onBug: (route: string, error: unknown) => void): Dispatch {
  const handlerOf = handlers as Record<string, (input: never) => unknown>;
  return async (route, input) => {
    try {
      if (typeof route !== 'string' || !Object.hasOwn(routes, route)) {
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
