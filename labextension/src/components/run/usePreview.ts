import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

/** Long enough that a pointer on its way to something else opens nothing. */
const HOVER_MS = 350;
/** Room that a preview takes at most, to keep it in sight. */
const WIDTH = 340;
const HEIGHT = 220;

interface IPlace {
  left: number;
  top: number;
  /** Its lower edge is at `top`. */
  isAbove: boolean;
}

interface IShown extends IPlace {
  id: string;
}

interface IPreview {
  shown: IShown | null;
  /** The pointer or the focus came to a node. */
  enter: (id: string, element: Element) => void;
  leave: () => void;
}

/** Which node has its preview beside it: the one that the pointer rests on, or has the focus. */
export function usePreview(root: RefObject<HTMLElement>): IPreview {
  const [shown, setShown] = useState<IShown | null>(null);
  const timer = useRef(0);
  const leave = useCallback(() => {
    window.clearTimeout(timer.current);
    setShown(null);
  }, []);
  const enter = useCallback(
    (id: string, element: Element) => {
      window.clearTimeout(timer.current);
      timer.current = window.setTimeout(() => {
        if (element.isConnected && root.current) {
          setShown({ id, ...placeBeside(element, root.current) });
        }
      }, HOVER_MS);
    },
    [root]
  );
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return { shown, enter, leave };
}

/** Below the node, above it where there is no room; within the graph. */
function placeBeside(element: Element, root: HTMLElement): IPlace {
  const node = element.getBoundingClientRect();
  const frame = root.getBoundingClientRect();
  const below = node.bottom - frame.top + 6;
  const above = node.top - frame.top - 6;
  const isAbove = below + HEIGHT > frame.height && above > HEIGHT;
  return {
    left: Math.max(4, Math.min(node.left - frame.left, frame.width - WIDTH)),
    top: isAbove ? above : below,
    isAbove
  };
}
