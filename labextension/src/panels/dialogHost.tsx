import { ReactWidget } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';

import { TransContext } from '../components/common/trans';
import type { ITrans } from '../tokens';

/** Show a dialog over JupyterLab until `close` is called. */
export function showOverLab(trans: ITrans, render: (close: () => void) => JSX.Element): void {
  const close = (): void => host.dispose();
  const host = ReactWidget.create(
    <TransContext.Provider value={trans}>{render(close)}</TransContext.Provider>
  );
  host.addClass('jp-hubflow-DialogHost');
  Widget.attach(host, document.body);
}
