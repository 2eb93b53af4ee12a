import { Field } from '../common/Field';
import { useTrans } from '../common/trans';

/** Values as typed. */
export interface IAdvancedValues {
  dagId: string;
  output: string;
  retries: string;
  retryDelay: string;
  timeout: string;
}

interface IAdvancedFieldsProps {
  values: IAdvancedValues;
  suggestedDagId: string;
  problems: Record<string, string>;
  onChange: (change: Partial<IAdvancedValues>) => void;
}

/** What most people leave as it is. */
export function AdvancedFields(props: IAdvancedFieldsProps): JSX.Element {
  const { values, problems, onChange } = props;
  const trans = useTrans();
  const text = (
    name: keyof IAdvancedValues,
    label: string,
    hint: string,
    placeholder = ''
  ): JSX.Element => (
    <Field label={label} hint={hint} problem={problems[name]}>
      {input => (
        <input
          {...input}
          type="text"
          placeholder={placeholder}
          value={values[name]}
          onChange={event => onChange({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <details className="jp-hubflow-AdvancedFields">
      <summary>{trans.__('Name, output, retries, time limit')}</summary>
      {text('dagId', trans.__('DAG id'), trans.__('name in the list'), props.suggestedDagId)}
      {text(
        'output',
        trans.__('Save output as'),
        trans.__('a path in common_workspace; each run keeps its own copy anyway'),
        'reports/latest.ipynb'
      )}
      {text('retries', trans.__('Retries'), trans.__('further tries after a failure'))}
      {text('retryDelay', trans.__('Retry delay'), trans.__('minutes between two tries'))}
      {text(
        'timeout',
        trans.__('Time limit'),
        trans.__('minutes; empty for none'),
        trans.__('none')
      )}
    </details>
  );
}
