/** A place in the grid: line -1 holds the bars of the runs. */
export interface IGridPlace {
  row: number;
  column: number;
}

/** Where a key moves the focus; null for keys that do not move it. */
export function moveFocus(
  place: IGridPlace,
  key: string,
  rows: number,
  columns: number,
  page = 10
): IGridPlace | null {
  const { row, column } = place;
  const moves: Record<string, IGridPlace> = {
    ArrowUp: { row: row - 1, column },
    ArrowDown: { row: row + 1, column },
    ArrowLeft: { row, column: column - 1 },
    ArrowRight: { row, column: column + 1 },
    Home: { row, column: 0 },
    End: { row, column: columns - 1 },
    PageUp: { row: row - page, column },
    PageDown: { row: row + page, column }
  };
  const target = moves[key];
  return target
    ? { row: clamp(target.row, -1, rows - 1), column: clamp(target.column, 0, columns - 1) }
    : null;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), Math.max(low, high));
}
