import type { ITry } from '../api/types';
import type { ITrans } from '../tokens';

/** Where a notebook failed, as the worker reports it. */
export interface ICellFailure {
  cell: number;
  total: number;
  ename: string | null;
  evalue: string | null;
}

/** The cell that failed; null when the error was no cell's. */
export function cellFailure(tried: ITry | undefined): ICellFailure | null {
  const detail = tried?.error_detail;
  if (!detail || typeof detail.cell !== 'number') {
    return null;
  }
  return {
    cell: detail.cell,
    total: typeof detail.total === 'number' ? detail.total : detail.cell,
    ename: typeof detail.ename === 'string' ? detail.ename : null,
    evalue: typeof detail.evalue === 'string' ? detail.evalue : null
  };
}

/** What went wrong in words a reader can act on; null when nothing did. */
export function errorLine(tried: ITry | undefined, trans: ITrans): string | null {
  const failure = cellFailure(tried);
  const where = failure && trans.__('Cell %1 of %2 failed.', failure.cell, failure.total);
  const kind = tried?.error_detail?.kind;
  if (kind === 'dead-kernel') {
    return [trans.__('The kernel died; it may have run out of memory.'), where]
      .filter(Boolean)
      .join(' ');
  }
  if (failure?.ename) {
    return `${where ?? ''} ${failure.ename}: ${failure.evalue ?? ''}`.trim();
  }
  return [where, tried?.error].filter(Boolean).join(' ') || null;
}

/** "try 2 of 3", or "try 1" where there is no other. */
export function tryText(tryNumber: number, maxTries: number, trans: ITrans): string {
  return maxTries > 1
    ? trans.__('try %1 of %2', tryNumber, Math.max(tryNumber, maxTries))
    : trans.__('try %1', tryNumber);
}
