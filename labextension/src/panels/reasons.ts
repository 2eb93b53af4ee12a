import type { Session } from '../model/session';
import type { ITrans } from '../tokens';

/** Whether it is known that the caller may not do this. */
export function isReadOnly(session: Session, permission: string): boolean {
  return session.me.value !== null && !session.can(permission);
}

/** Why the caller may not do this, or null when they may. While it is unknown they may not. */
export function reasonAgainst(session: Session, permission: string, trans: ITrans): string | null {
  if (session.can(permission)) {
    return null;
  }
  if (session.me.value === null) {
    return session.me.error
      ? trans.__('The server does not answer, so your rights are unknown.')
      : trans.__('Loading your rights …');
  }
  return trans.__(
    'You can look but not change: this needs the right "%1". Ask an administrator of this hub.',
    permission
  );
}
