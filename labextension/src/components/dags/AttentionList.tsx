import { useState } from 'react';

import type { IAttentionItem } from '../../api/types';
import { Icon, type IconName } from '../common/Icon';
import { RelativeTime } from '../common/Times';
import { useTrans } from '../common/trans';

interface IAttentionListProps {
  items: IAttentionItem[];
  onOpen: (item: IAttentionItem) => void;
}

/** One line that says how many things need a person; a click lists them. */
export function AttentionList({ items, onOpen }: IAttentionListProps): JSX.Element | null {
  const trans = useTrans();
  const [isOpen, setOpen] = useState(false);
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
      {isOpen && (
        <ul>
          {items.map(item => (
            <li
              key={`${item.kind} ${item.dag_id ?? item.path ?? item.title} ${item.run_id ?? ''} ${item.at}`}
            >
              <AttentionItem item={item} onOpen={onOpen} />
            </li>
          ))}
        </ul>
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
