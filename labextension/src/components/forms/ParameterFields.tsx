import type { INotebook, IParameter } from '../../api/types';
import { type FieldValue, initialField, isChanged, kindLabel } from '../../logic/parameters';
import { Button } from '../common/Button';
import { Field, type IFieldInputProps } from '../common/Field';
import { useTrans } from '../common/trans';

interface IParameterFieldsProps {
  notebook: INotebook;
  fields: Readonly<Record<string, FieldValue>>;
  problems: Record<string, string>;
  onChange: (name: string, value: FieldValue) => void;
}

/** One typed field for each name in the cell tagged `parameters`. */
export function ParameterFields(props: IParameterFieldsProps): JSX.Element {
  const { notebook, fields, problems, onChange } = props;
  const trans = useTrans();
  if (notebook.parameters.length === 0) {
    return (
      <p className="jp-hubflow-Form-hint">
        {notebook.has_parameters_cell
          ? trans.__('The cell tagged "parameters" assigns no names.')
          : trans.__(
              'No parameters. Tag a cell "parameters" in the notebook, and the names that it assigns can be set here.'
            )}
      </p>
    );
  }
  return (
    <fieldset className="jp-hubflow-ParameterFields">
      <legend>{trans.__('Parameters')}</legend>
      {notebook.parameters.map(parameter => {
        const field = fields[parameter.name] ?? initialField(parameter);
        const hints = [kindLabel(parameter.kind, trans), parameter.help].filter(Boolean);
        return (
          <Field
            key={parameter.name}
            label={parameter.name}
            hint={hints.join(' · ')}
            problem={problems[`parameter:${parameter.name}`]}
            action={
              isChanged(parameter, field) && (
                <Button
                  look="link"
                  onClick={() => onChange(parameter.name, initialField(parameter))}
                >
                  {trans.__('Undo')}
                </Button>
              )
            }
          >
            {input => (
              <ParameterInput
                input={input}
                parameter={parameter}
                field={field}
                onChange={value => onChange(parameter.name, value)}
              />
            )}
          </Field>
        );
      })}
    </fieldset>
  );
}

interface IParameterInputProps {
  input: IFieldInputProps;
  parameter: IParameter;
  field: FieldValue;
  onChange: (value: FieldValue) => void;
}

function ParameterInput({ input, parameter, field, onChange }: IParameterInputProps): JSX.Element {
  if (typeof field === 'boolean') {
    return (
      <input
        {...input}
        type="checkbox"
        checked={field}
        onChange={event => onChange(event.target.checked)}
      />
    );
  }
  const isCode = parameter.kind === 'list' || parameter.kind === 'dict';
  return (
    <input
      {...input}
      type="text"
      inputMode={parameter.kind === 'integer' ? 'numeric' : undefined}
      className={isCode ? 'jp-hubflow-mod-code' : undefined}
      placeholder={parameter.source}
      value={field}
      onChange={event => onChange(event.target.value)}
    />
  );
}
