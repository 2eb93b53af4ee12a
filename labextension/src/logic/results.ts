/** The folder in a user's files that copies of executed notebooks go to. */
const FOLDER = 'hubflow-results';

interface IResultKey {
  dag_id: string;
  run_id: string;
  task_id: string;
  try_number: number;
}

/** Where the copy of an executed notebook goes; the same try always to the same path. */
export function resultPath(key: IResultKey): string {
  const file = [key.task_id, key.run_id, `try${key.try_number}`].map(safeName).join('.');
  return `${FOLDER}/${safeName(key.dag_id)}/${file}.ipynb`;
}

/** Index of the first cell with an error among its outputs; null when there is none. */
export function failedCellIndex(notebook: unknown): number | null {
  const { cells } = (notebook ?? {}) as { cells?: { outputs?: { output_type?: string }[] }[] };
  const index = (cells ?? []).findIndex(cell =>
    cell.outputs?.some(output => output.output_type === 'error')
  );
  return index >= 0 ? index : null;
}

function safeName(text: string): string {
  return text.replace(/[^\p{L}\p{N}_.-]+/gu, '-').replace(/^\.+/, '');
}
