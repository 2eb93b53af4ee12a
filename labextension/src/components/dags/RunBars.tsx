import type { IRunBrief } from '../../api/types';
import { barHeights, runTitle } from '../../logic/runs';
import { knownState, stateLabel } from '../../logic/states';
import { useNow } from '../common/Times';
import { useTrans } from '../common/trans';

interface IRunBarsProps {
  runs: IRunBrief[];
}

/** The last runs as bars, oldest first: height is duration, colour is state. */
export function RunBars({ runs }: IRunBarsProps): JSX.Element {
  const trans = useTrans();
  const isLive = runs.some(run => run.state === 'running');
  const now = useNow(() => (isLive ? 1000 : null));
  const heights = barHeights(runs, now);
  return (
    <span
      className="jp-hubflow-RunBars"
      role="img"
      aria-label={trans._n('Last run', 'Last %1 runs', runs.length)}
    >
      {runs.map((run, index) => (
        <span
          key={run.id}
          data-state={knownState(run.state)}
          style={{ height: `${Math.round((heights[index] ?? 0) * 100)}%` }}
          title={runTitle(run, stateLabel(run.state, trans), now, trans)}
        />
      ))}
    </span>
  );
}
