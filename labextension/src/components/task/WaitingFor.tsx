import { useEffect, useRef, useState } from 'react';

import type { ITaskDependencies } from '../../api/types';
import { useTrans } from '../common/trans';

/** Most tasks begin sooner than this: nobody has to read why they have not. */
const PATIENCE_MS = 500;

interface IWaitingForProps {
  /** Asked again whenever this changes. */
  stamp: string;
  onAsk: () => Promise<ITaskDependencies>;
}

/** What keeps a task from beginning. */
export function WaitingFor({ stamp, onAsk }: IWaitingForProps): JSX.Element | null {
  const trans = useTrans();
  const [found, setFound] = useState<ITaskDependencies['dependencies']>([]);
  const ask = useRef(onAsk);
  ask.current = onAsk;
  useEffect(() => {
    let isCurrent = true;
    const timer = window.setTimeout(() => {
      ask.current().then(
        ({ dependencies }) => isCurrent && setFound(dependencies),
        () => isCurrent && setFound([])
      );
    }, PATIENCE_MS);
    return () => {
      isCurrent = false;
      window.clearTimeout(timer);
    };
  }, [stamp]);
  if (found.length === 0) {
    return null;
  }
  return (
    <ul className="jp-hubflow-WaitingFor" aria-label={trans.__('What keeps it from starting')}>
      {found.map(({ name, reason }) => (
        <li key={`${name} ${reason}`} title={name}>
          {reason}
        </li>
      ))}
    </ul>
  );
}
