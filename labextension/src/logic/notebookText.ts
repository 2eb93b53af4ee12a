/** What a notebook's file holds, as far as it is compared here. */
interface INotebookText {
  metadata?: { kernelspec?: { name?: string } };
  cells?: { cell_type: string; source: string | string[]; metadata?: { tags?: string[] } }[];
}

/**
 * Whether two versions of a notebook run alike: the same cells, tags and kernel. JupyterLab calls
 * a notebook changed when it has only opened it (the kernel's version goes into its metadata) or
 * run it (outputs), and neither makes a difference to a scheduled run.
 */
export function runsAlike(one: unknown, other: unknown): boolean {
  return essence(one) === essence(other);
}

function essence(notebook: unknown): string {
  const { metadata, cells = [] } = (notebook ?? {}) as INotebookText;
  const parts = cells.map(cell => [
    cell.cell_type,
    Array.isArray(cell.source) ? cell.source.join('') : cell.source,
    cell.metadata?.tags ?? []
  ]);
  return JSON.stringify([metadata?.kernelspec?.name ?? null, parts]);
}
