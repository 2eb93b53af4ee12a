interface ISwitchProps {
  isOn: boolean;
  label: string;
  onChange: (isOn: boolean) => void;
  disabledReason?: string | null;
}

/** On or off, told by place as well as by colour. */
export function Switch({
  isOn,
  label,
  onChange,
  disabledReason = null
}: ISwitchProps): JSX.Element {
  return (
    <button
      type="button"
      role="switch"
      className="jp-hubflow-Switch"
      aria-checked={isOn}
      aria-label={label}
      aria-disabled={disabledReason !== null}
      title={disabledReason ?? label}
      onClick={event => {
        event.stopPropagation();
        if (disabledReason === null) {
          onChange(!isOn);
        }
      }}
    />
  );
}
