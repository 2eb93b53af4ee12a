import { useState } from 'react';

import type { IAttentionItem } from '../../api/types';
import { Button, IconButton } from '../common/Button';
import { Icon, type IconName } from '../common/Icon';
import { ErrorBanner } from '../common/Screens';
import { RelativeTime } from '../common/Times';
import { useTrans } from '../common/trans';

interface IAttentionListProps {
  items: IAttentionItem[];
  /** Why an SLA miss cannot be dismissed; null when it can. */
  dismissReason: string | null;
  error: Error | null;
  onOpen: (item: IAttentionItem) => void;
  onDismiss: (slaMissIds: number[]) => void;
}

/** One line that says how many things need a person; a click lists them. */
export function AttentionList(props: IAttentionListProps): JSX.Element | null {
  const { items, dismissReason } = props;
  const trans = useTrans();
  const [isOpen, setOpen] = useState(false);
  const late = items.filter(item => item.sla_miss_ids.length > 0);
  if (items.length === 0) {
    return null;
  }
  return (
    <div className="jp-hubflow-Attention">
      <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Icon name="warning" size={14} />
        <span>{trans._n('%1 needs attention', '%1 need attention', items.length)}</span>
        <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} size={14} />
      </button>
      {isOpen && props.error && (
        <ErrorBanner what={trans.__('Nothing was dismissed.')} error={props.error} />
      )}
      {isOpen && (
        <ul>
          {items.map(item => (
            <li
              key={`${item.kind} ${item.dag_id ?? item.path ?? item.title} ${item.run_id ?? ''} ${item.at}`}
            >
              <AttentionItem item={item} onOpen={props.onOpen} />
              {item.sla_miss_ids.length > 0 && (
                <IconButton
                  icon="close"
                  label={trans.__('Dismiss: %1, %2', item.title, item.detail)}
                  disabledReason={dismissReason}
                  onClick={() => props.onDismiss(item.sla_miss_ids)}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {isOpen && late.length > 1 && (
        <Button
          look="link"
          disabledReason={dismissReason}
          onClick={() => props.onDismiss(late.flatMap(item => item.sla_miss_ids))}
        >
          {trans.__('Dismiss what was late (%1)', late.length)}
        </Button>
      )}
    </div>
  );
}

const ICONS: Record<string, IconName> = {
  import_error: 'file',
  late_task: 'clock',
  failed_alert: 'warning',
  stuck_task: 'warning'
};

interface IAttentionItemProps {
  item: IAttentionItem;
  onOpen: (item: IAttentionItem) => void;
}

function AttentionItem({ item, onOpen }: IAttentionItemProps): JSX.Element {
  const content = (
    <>
      <Icon name={ICONS[item.kind] ?? 'cross'} size={14} />
      <span className="jp-hubflow-Attention-title">
        <bdi>{item.title}</bdi>
      </span>
      <span className="jp-hubflow-Attention-when">
        <RelativeTime iso={item.at} />
      </span>
      <span className="jp-hubflow-Attention-detail">{item.detail}</span>
    </>
  );
  const tooltip = `${item.title}\n${item.detail}`;
  return item.dag_id === null && item.path === null ? (
    <div title={tooltip}>{content}</div>
  ) : (
    <button type="button" title={tooltip} onClick={() => onOpen(item)}>
      {content}
    </button>
  );
}
