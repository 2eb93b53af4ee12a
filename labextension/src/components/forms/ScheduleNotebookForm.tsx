import type { FormEvent } from 'react';

import type { INotebook, IScheduleReading } from '../../api/types';
import type { FieldValue } from '../../logic/parameters';
import type { IScheduleForm } from '../../logic/schedules';
import { Button } from '../common/Button';
import { Icon } from '../common/Icon';
import { Modal } from '../common/Modal';
import { ErrorBanner, Notice, Skeleton } from '../common/Screens';
import { useTrans } from '../common/trans';
import { AdvancedFields, type IAdvancedValues } from './AdvancedFields';
import { ParameterFields } from './ParameterFields';
import { ScheduleWhen } from './ScheduleWhen';

export interface IScheduleNotebookFormProps {
  path: string;
  stage: 'unsaved' | 'outside' | 'form';
  notebook: INotebook | null;
  notebookError: Error | null;
  form: IScheduleForm;
  advanced: IAdvancedValues;
  fields: Readonly<Record<string, FieldValue>>;
  zones: string[];
  reading: IScheduleReading | null;
  problems: Record<string, string>;
  isBusy: boolean;
  error: Error | null;
  canSubmit: boolean;
  readOnlyReason: string | null;
  onForm: (change: Partial<IScheduleForm>) => void;
  onAdvanced: (change: Partial<IAdvancedValues>) => void;
  onField: (name: string, value: FieldValue) => void;
  onSave: () => void;
  onUseSaved: () => void;
  onCopy: () => void;
  onRetry: () => void;
  onSubmit: () => void;
  onClose: () => void;
}

/** The dialog that schedules a notebook; its defaults are good enough to press the button at once. */
export function ScheduleNotebookForm(props: IScheduleNotebookFormProps): JSX.Element {
  const trans = useTrans();
  return (
    <Modal title={trans.__('Schedule %1', shortPath(props.path))} onClose={props.onClose} isWide>
      {props.stage === 'unsaved' && <UnsavedStage {...props} />}
      {props.stage === 'outside' && <OutsideStage {...props} />}
      {props.stage === 'form' && <FormStage {...props} />}
    </Modal>
  );
}

function UnsavedStage(props: IScheduleNotebookFormProps): JSX.Element {
  const trans = useTrans();
  return (
    <div className="jp-hubflow-Form">
      <p>
        {trans.__(
          'This notebook has changes that are not saved. A scheduled run reads the file on disk.'
        )}
      </p>
      {props.error && (
        <ErrorBanner what={trans.__('The notebook was not saved.')} error={props.error} />
      )}
      <div className="jp-hubflow-Form-buttons">
        <Button onClick={props.onUseSaved}>{trans.__('Use the saved version')}</Button>
        <Button look="primary" isFirst isBusy={props.isBusy} onClick={props.onSave}>
          {trans.__('Save and continue')}
        </Button>
      </div>
    </div>
  );
}

function OutsideStage(props: IScheduleNotebookFormProps): JSX.Element {
  const trans = useTrans();
  return (
    <div className="jp-hubflow-Form">
      <Notice kind="warning">
        {trans.__(
          'Scheduled runs can only read notebooks in common_workspace, and %1 lies outside of it. They go on when your server is stopped, and then your own files are out of reach.',
          props.path
        )}
      </Notice>
      {props.error && (
        <ErrorBanner what={trans.__('The notebook was not copied.')} error={props.error} />
      )}
      <div className="jp-hubflow-Form-buttons">
        <Button onClick={props.onClose}>{trans.__('Cancel')}</Button>
        <Button look="primary" isFirst isBusy={props.isBusy} onClick={props.onCopy}>
          {trans.__('Copy into common_workspace and continue')}
        </Button>
      </div>
    </div>
  );
}

function FormStage(props: IScheduleNotebookFormProps): JSX.Element {
  const { notebook, notebookError } = props;
  const trans = useTrans();
  if (notebookError && !notebook) {
    return (
      <div className="jp-hubflow-Form">
        <ErrorBanner
          what={trans.__('This notebook cannot be scheduled.')}
          error={notebookError}
          onRetry={props.onRetry}
        />
        <div className="jp-hubflow-Form-buttons">
          <Button onClick={props.onClose}>{trans.__('Close')}</Button>
        </div>
      </div>
    );
  }
  const reason = whyNot(props, trans.__('Correct the marked fields first.'));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (reason === null && props.canSubmit) {
      props.onSubmit();
    }
  };
  return (
    <form className="jp-hubflow-Form" onSubmit={submit} noValidate>
      {notebook ? <KernelLine notebook={notebook} /> : <Skeleton lines={1} />}
      {notebook && props.readOnlyReason !== null && (
        <Notice kind="warning">{props.readOnlyReason}</Notice>
      )}
      <ScheduleWhen
        form={props.form}
        zones={props.zones}
        reading={props.reading}
        problems={props.problems}
        onChange={props.onForm}
      />
      {notebook ? (
        <ParameterFields
          notebook={notebook}
          fields={props.fields}
          problems={props.problems}
          onChange={props.onField}
        />
      ) : (
        <Skeleton lines={3} />
      )}
      <AdvancedFields
        values={props.advanced}
        suggestedDagId={notebook?.suggested_dag_id ?? ''}
        problems={props.problems}
        onChange={props.onAdvanced}
      />
      {props.error && <ErrorBanner what={trans.__('Nothing was scheduled.')} error={props.error} />}
      <div className="jp-hubflow-Form-buttons">
        <Button onClick={props.onClose}>{trans.__('Cancel')}</Button>
        <Button look="primary" type="submit" isBusy={props.isBusy} disabledReason={reason}>
          {submitLabel(props)}
        </Button>
      </div>
    </form>
  );

  function submitLabel({ isBusy, form }: IScheduleNotebookFormProps): string {
    if (isBusy) {
      return trans.__('Scheduling …');
    }
    return form.when === 'now' ? trans.__('Run') : trans.__('Schedule');
  }
}

function KernelLine({ notebook }: { notebook: INotebook }): JSX.Element {
  const trans = useTrans();
  const known = notebook.scheduled_as;
  return (
    <>
      <p className="jp-hubflow-Form-hint">
        <Icon name={notebook.kernel_installed ? 'check' : 'warning'} size={14} />{' '}
        {trans.__('kernel %1', notebook.kernel_display_name || notebook.kernel_name)}
        {' · '}
        {trans._n('1 code cell', '%1 code cells', notebook.code_cells)}
      </p>
      {!notebook.kernel_installed && (
        <Notice kind="warning">
          {trans.__(
            'The kernel "%1" is not installed where scheduled runs happen; the run would fail. Choose another kernel in the notebook and save it.',
            notebook.kernel_name
          )}
        </Notice>
      )}
      {known.length > 0 && (
        <Notice>
          {trans._n(
            'Already scheduled as %2. This adds another schedule; to replace it, enter its DAG id below.',
            'Already scheduled as %2. This adds another schedule; to replace one, enter its DAG id below.',
            known.length,
            known.join(', ')
          )}
        </Notice>
      )}
    </>
  );
}

function whyNot(props: IScheduleNotebookFormProps, incomplete: string): string | null {
  if (props.readOnlyReason !== null) {
    return props.readOnlyReason;
  }
  return props.canSubmit || props.isBusy ? null : incomplete;
}

function shortPath(path: string): string {
  return path.replace(/^common_workspace\//, '');
}
