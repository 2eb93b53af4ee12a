import type { IDagVersion } from '../../api/types';
import { versionText } from '../../logic/versions';
import { Button } from '../common/Button';
import { useTrans } from '../common/trans';

interface IVersionPickerProps {
  /** Newest first. */
  versions: IDagVersion[];
  shown: number;
  comparedWith: number | null;
  hasOlder: boolean;
  isLoadingOlder: boolean;
  onOlder: () => void;
  onPick: (version: number) => void;
  onCompare: (version: number | null) => void;
}

/** Which version the code is of, and which other one it is compared with. */
export function VersionPicker(props: IVersionPickerProps): JSX.Element {
  const trans = useTrans();
  const { shown, comparedWith } = props;
  return (
    <div className="jp-hubflow-VersionPicker">
      <label>
        {trans.__('Version')}
        <select value={shown} onChange={event => props.onPick(Number(event.target.value))}>
          <Options {...props} chosen={shown} />
        </select>
      </label>
      <label>
        {trans.__('compared with')}
        <select
          value={comparedWith ?? ''}
          onChange={event =>
            props.onCompare(event.target.value === '' ? null : Number(event.target.value))
          }
        >
          <option value="">{trans.__('no other')}</option>
          <Options {...props} chosen={comparedWith} without={shown} />
        </select>
      </label>
      {props.hasOlder && (
        <Button look="link" isBusy={props.isLoadingOlder} onClick={props.onOlder}>
          {trans.__('List older versions')}
        </Button>
      )}
    </div>
  );
}

interface IOptionsProps {
  versions: IDagVersion[];
  /** It may be older than those that are loaded. */
  chosen: number | null;
  without?: number;
}

function Options({ versions, chosen, without }: IOptionsProps): JSX.Element {
  const trans = useTrans();
  const isListed = versions.some(version => version.version_number === chosen);
  return (
    <>
      {versions
        .filter(version => version.version_number !== without)
        .map(version => (
          <option key={version.version_number} value={version.version_number}>
            {versionText(version, trans)}
          </option>
        ))}
      {chosen !== null && !isListed && <option value={chosen}>{chosen}</option>}
    </>
  );
}
