import { outboxFile } from '../outbox/export.ts';
import type * as store from '../outbox/store.ts';

/** Download a student's unsent games; returns the file's name. They stay in the outbox too. */
export async function saveToFile(student: store.KnownStudent): Promise<string> {
  const text = JSON.stringify(await outboxFile(student));
  const name = `neuroplay-${student.avatar}-${student.id}-${new Date().toISOString().slice(0, 10)}.json`;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return name;
}
