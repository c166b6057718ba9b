import { type Answer, type Asked, answered, json, type Parts, type Serve } from '../parts.ts';
import { endSession } from '../sessions.ts';

/** `POST /api/auth/sign-out`. */
export function signOut({ store, cookie, server }: Parts): Serve {
  return async ({ request }: Asked): Promise<Answer> => {
    const given = request.headers.get('cookie');
    // better-auth would say that it worked when the database did not answer.
    await endSession(store, given, cookie);
    const { api } = await server();
    const headers = new Headers({ cookie: given ?? '' });
    const out = await answered(() => api.signOut({ headers, returnHeaders: true }));
    if ('refusedAs' in out) throw new Error(`Signing out was refused: ${out.refusedAs}`);
    return json({ success: true }, out.headers.getSetCookie());
  };
}

/** `GET /api/auth/get-session`: who is signed in, or null. */
export function getSession({ person }: Parts): Serve {
  return async ({ request }) => {
    const who = await person(request.headers);
    if (who === null) return json(null);
    const { sessionId, userId, name, email, mustChangePassword } = who;
    const user = { id: userId, name, email };
    return json({ session: { id: sessionId }, user, ...(mustChangePassword && { must_change_password: true }) });
  };
}
