import type { ITaskPanel, ITry } from '../../api/types';
import {
  barOf,
  beforeOf,
  type IStep,
  preciseDuration,
  stepLabel,
  stepsOf,
  stepTimes
} from '../../logic/tryTimeline';
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
  const former = panel.tries.find(({ try_number: n }) => n === tried.try_number - 1);
  const before = beforeOf(tried.try_number, panel);
  const since = before === 'first' ? panel.due_at : (former?.end_date ?? null);
  const steps = stepsOf(tried, since, now);
  return (
    <ol className="jp-hubflow-TryTimeline" aria-label={trans.__('Where the time went')}>
      {steps.map(step => (
        <Step
          key={step.kind}
          step={step}
          steps={steps}
          label={stepLabel(step, before, tried.state, trans)}
        />
      ))}
    </ol>
  );
}

interface IStepProps {
  step: IStep;
  steps: readonly IStep[];
  label: string;
}

function Step({ step, steps, label }: IStepProps): JSX.Element {
  const trans = useTrans();
  const { left, width, isCut } = barOf(step, steps);
  return (
    <li data-step={step.kind} title={stepTimes(step, trans, true)}>
      <span>{label}</span>
      <span className="jp-hubflow-TryTimeline-duration">
        {preciseDuration(step.to - step.from, trans)}
        {step.isOpen && ' …'}
      </span>
      <span className="jp-hubflow-TryTimeline-times">{stepTimes(step, trans)}</span>
      <span className="jp-hubflow-TryTimeline-axis" aria-hidden="true">
        <span data-cut={isCut} style={{ insetInlineStart: `${left}%`, width: `${width}%` }} />
      </span>
    </li>
  );
}
