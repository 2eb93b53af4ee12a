import type { IXComItem } from '../../api/types';
import { formatTime } from '../../logic/time';
import { EmptyState } from '../common/Screens';
import { RelativeTime } from '../common/Times';
import { useTrans } from '../common/trans';

interface IXComTableProps {
  items: IXComItem[];
}

/** What the task handed to later tasks. */
export function XComTable({ items }: IXComTableProps): JSX.Element {
  const trans = useTrans();
  if (items.length === 0) {
    return (
      <EmptyState
        text={trans.__(
          'No XCom. A value that a task returns or pushes with xcom_push appears here.'
        )}
      />
    );
  }
  return (
    <table className="jp-hubflow-XComTable">
      <thead>
        <tr>
          <th scope="col">{trans.__('Key')}</th>
          <th scope="col">{trans.__('Value')}</th>
          <th scope="col">{trans.__('When')}</th>
        </tr>
      </thead>
      <tbody>
        {items.map(item => (
          <tr key={`${item.key} ${item.visible_from}`}>
            <th scope="row">
              {item.key}
              {item.visible_from && (
                <span className="jp-hubflow-XComTable-later">
                  {trans.__('for the run of %1', formatTime(item.visible_from))}
                </span>
              )}
            </th>
            <td>
              <pre>{item.text}</pre>
            </td>
            <td>
              <RelativeTime iso={item.at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
