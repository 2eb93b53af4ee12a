/** What people read as a name; after it the id, where that is another. */
export function nameLines(name: string, id: string): string[] {
  return name === id ? [id] : [name, id];
}
