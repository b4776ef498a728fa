import type { KnownStudent } from '../outbox/store.ts';
import { Avatar, colourOf } from './art/Avatar.tsx';

/** A student of this tablet, with the hat of their choice. */
export function Face({ student, size }: { student: KnownStudent; size: number }) {
  return <Avatar id={student.avatar} colour={colourOf(student.id)} hat={student.settings.hat} size={size} />;
}
