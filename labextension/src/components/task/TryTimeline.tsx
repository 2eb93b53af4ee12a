import type { ITaskPanel, ITry } from '../../api/types';
import { formatTime } from '../../logic/time';
import { barOf, preciseDuration, stepLabel, stepsOf, type IStep } from '../../logic/tryTimeline';
import { useNow } from '../common/Times';
import { useTrans } from '../common/trans';

interface ITryTimelineProps {
  panel: ITaskPanel;
  tried: ITry | undefined;
}

/** Where the time of one try went: waiting, starting, running. */
export function TryTimeline({ panel, tried }: ITryTimelineProps): JSX.Element {
  const trans = useTrans();
  const now = useNow(() => (tried && tried.end_date === null ? 1000 : null));
  if (!tried) {
    return <p className="jp-hubflow-TryTimeline-empty">{trans.__('This try has not started.')}</p>;
  }
  const before = panel.tries.find(({ try_number: n }) => n === tried.try_number - 1);
  const isFirst = tried.try_number === 1;
  const steps = stepsOf(tried, isFirst ? panel.due_at : (before?.end_date ?? null), now);
  return (
    <ol className="jp-hubflow-TryTimeline" aria-label={trans.__('Where the time went')}>
      {steps.map(step => (
        <Step key={step.kind} step={step} steps={steps} isFirst={isFirst} />
      ))}
    </ol>
  );
}

interface IStepProps {
  step: IStep;
  steps: readonly IStep[];
  isFirst: boolean;
}

function Step({ step, steps, isFirst }: IStepProps): JSX.Element {
  const trans = useTrans();
  const { left, width } = barOf(step, steps);
  const from = formatTime(new Date(step.from).toISOString(), undefined, true);
  return (
    <li data-step={step.kind} title={trans.__('from %1', from)}>
      <span>{stepLabel(step.kind, isFirst, trans)}</span>
      <span className="jp-hubflow-TryTimeline-duration">
        {preciseDuration(step.to - step.from, trans)}
        {step.isOpen && ' …'}
      </span>
      {step.kind !== 'before' && (
        <span className="jp-hubflow-TryTimeline-axis" aria-hidden="true">
          <span style={{ insetInlineStart: `${left}%`, width: `${width}%` }} />
        </span>
      )}
    </li>
  );
}
