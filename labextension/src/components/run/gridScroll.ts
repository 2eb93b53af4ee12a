import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';

import type { IGridRun } from '../../api/types';
import type { IGridRow } from '../../logic/treeGrid';

export const COLUMN_WIDTH = 22;
const NARROW_PX = 520;

/** Wide enough for the longest name, but never more than a share of the view. */
export function useNameWidth(scroller: RefObject<HTMLDivElement>, rows: IGridRow[]): number {
  const [space, setSpace] = useState(1000);
  useEffect(() => {
    const element = scroller.current;
    if (!element) {
      return undefined;
    }
    const observer = new ResizeObserver(() => setSpace(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller]);
  const longest = Math.max(0, ...rows.map(row => row.label.length * 7 + row.depth * 14));
  const limit = space < NARROW_PX ? 130 : Math.min(320, space * 0.4);
  return Math.round(Math.max(Math.min(limit, 110), Math.min(limit, longest + 36)));
}

/** Stay at the right end when runs appear there; stay in place when older ones are put in front. */
export function useStickToNewest(scroller: RefObject<HTMLDivElement>, runs: IGridRun[]): void {
  const before = useRef<{ first: number | undefined; count: number; width: number }>();
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) {
      return;
    }
    const first = runs[0]?.run.id;
    const old = before.current;
    const right = element.scrollLeft + element.clientWidth;
    if (!old || right >= old.width - COLUMN_WIDTH) {
      element.scrollLeft = element.scrollWidth;
    } else if (old.first !== first) {
      element.scrollLeft += (runs.length - old.count) * COLUMN_WIDTH;
    }
    before.current = { first, count: runs.length, width: element.scrollWidth };
  }, [scroller, runs]);
}

/** Keep the selected run in sight when it is selected and when the view changes its width. */
export function useRevealSelected(
  scroller: RefObject<HTMLDivElement>,
  column: number,
  nameWidth: number
): void {
  useEffect(() => {
    const element = scroller.current;
    if (!element || column < 0) {
      return undefined;
    }
    const observer = new ResizeObserver(() => revealColumn(element, column, nameWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, column, nameWidth]);
}

/** Scroll as little as needed to bring a column into sight. */
export function revealColumn(
  element: HTMLDivElement | null,
  column: number,
  nameWidth: number
): void {
  if (element) {
    const left = column * COLUMN_WIDTH;
    const right = left + nameWidth + 2 * COLUMN_WIDTH - element.clientWidth;
    element.scrollLeft = Math.min(Math.max(element.scrollLeft, right), left);
  }
}
