import { Facts } from './Facts';
import { Modal } from './Modal';
import { useTrans } from './trans';

/** The keys that work on these pages. */
export function KeyHelp({ onClose }: { onClose: () => void }): JSX.Element {
  const trans = useTrans();
  const key = (...names: string[]): JSX.Element => (
    <>
      {names.map(name => (
        <kbd key={name}>{name}</kbd>
      ))}
    </>
  );
  return (
    <Modal title={trans.__('Keys')} onClose={onClose}>
      <Facts
        facts={[
          [trans.__('Move in the grid, the graph and the list'), key('←', '↑', '→', '↓')],
          [trans.__('To the oldest and the newest run'), key('Home', 'End')],
          [trans.__('Open what has the focus'), key('Enter')],
          [trans.__('What can be done with it'), key('Shift', 'F10')],
          [trans.__('Filter the list of DAGs'), key('/')],
          [trans.__('Send the configuration of a run'), key('Ctrl', 'Enter')],
          [trans.__('Close a dialog or a menu'), key('Esc')],
          [trans.__('This list'), key('?')]
        ]}
      />
    </Modal>
  );
}
