import { useTrans } from './trans';

/** Two words that tell people without rights so before they press what does not move. */
export function ReadOnly({ reason }: { reason: string | null }): JSX.Element {
  const trans = useTrans();
  return (
    <span className="jp-hubflow-ReadOnly" title={reason ?? undefined}>
      {trans.__('read only')}
    </span>
  );
}
