import { useEffect } from 'react';

import type { IScheduledNotebook } from '../api/types';
import { useTrans } from '../components/common/trans';
import { ScheduleNotebookForm } from '../components/forms/ScheduleNotebookForm';
import type { ScheduleNotebookModel } from '../model/scheduleNotebook';
import type { Session } from '../model/session';
import { Permission } from '../tokens';
import { reasonAgainst } from './reasons';
import { useModel } from './useModel';

interface IScheduleNotebookPanelProps {
  session: Session;
  model: ScheduleNotebookModel;
  onClose: (scheduled: IScheduledNotebook | null) => void;
}

/** The dialog that schedules a notebook, tied to its model. */
export function ScheduleNotebookPanel(props: IScheduleNotebookPanelProps): JSX.Element {
  const { session, model, onClose } = props;
  const trans = useTrans();
  useModel(session);
  useModel(model);
  useEffect(() => {
    void model.begin();
  }, [model]);

  const submit = async (): Promise<void> => {
    const scheduled = await model.submit();
    if (scheduled) {
      onClose(scheduled);
    }
  };
  return (
    <ScheduleNotebookForm
      path={model.path}
      stage={model.stage}
      notebook={model.notebook.value}
      notebookError={model.notebook.error}
      form={model.form}
      advanced={model.advanced}
      fields={model.fields}
      zones={model.zones.value ?? []}
      reading={model.reading}
      problems={model.problems}
      isBusy={model.isBusy}
      error={model.error}
      canSubmit={model.canSubmit}
      readOnlyReason={reasonAgainst(session, Permission.scheduleNotebooks, trans)}
      onForm={model.setForm}
      onAdvanced={model.setAdvanced}
      onField={model.setField}
      onSave={() => void model.save()}
      onUseSaved={() => void model.useSavedVersion()}
      onCopy={() => void model.copyIntoWorkspace()}
      onRetry={() => void model.begin()}
      onSubmit={() => void submit()}
      onClose={() => onClose(null)}
    />
  );
}
