import { Button } from '../common/Button';
import { EmptyState } from '../common/Screens';
import { useTrans } from '../common/trans';

interface INotebookOutputProps {
  /** Address of the executed notebook as HTML; null while there is none. */
  htmlUrl: string | null;
  downloadUrl: string | null;
  /** Open it where it can be edited; null where there is no JupyterLab. */
  onOpen: (() => void) | null;
}

/**
 * The notebook as it ran. It may hold anybody's HTML: its frame has an origin of its own, in which
 * the scripts of plots run and from which nothing of this page can be reached.
 */
export function NotebookOutput(props: INotebookOutputProps): JSX.Element {
  const { htmlUrl, downloadUrl, onOpen } = props;
  const trans = useTrans();
  if (htmlUrl === null || downloadUrl === null) {
    return (
      <EmptyState
        text={trans.__('The executed notebook appears here when this try has finished.')}
      />
    );
  }
  return (
    <div className="jp-hubflow-NotebookOutput">
      <div className="jp-hubflow-NotebookOutput-tools">
        {onOpen && (
          <Button icon="external" onClick={onOpen}>
            {trans.__('Open in JupyterLab')}
          </Button>
        )}
        <a className="jp-hubflow-Button jp-hubflow-mod-link" href={downloadUrl} download>
          {trans.__('Download .ipynb')}
        </a>
      </div>
      <iframe src={htmlUrl} sandbox="allow-scripts" title={trans.__('Executed notebook')} />
    </div>
  );
}
