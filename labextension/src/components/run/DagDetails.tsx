import { Fragment } from 'react';

import type { IDagDetail, IDagRow, IDagVersion } from '../../api/types';
import { formatDuration, formatTime } from '../../logic/time';
import { versionText } from '../../logic/versions';
import { Button } from '../common/Button';
import { Facts } from '../common/Facts';
import { Markdown } from '../common/Markdown';
import { useTrans } from '../common/trans';
import { WebLink } from '../common/WebLink';

const DAY_S = 86_400;
const LONG_LINE = 60;

interface IDagDetailsProps {
  row: IDagRow;
  details: IDagDetail;
  /** The current version, once it is loaded. */
  version: IDagVersion | undefined;
  onOpenFile: () => void;
}

/** A DAG as its author defined it, and what the author wrote about it. */
export function DagDetails(props: IDagDetailsProps): JSX.Element {
  const { row, details, version } = props;
  const trans = useTrans();
  const params = Object.entries(details.params);
  const timeout = details.dag_run_timeout;
  const date = (iso: string | null): string | null =>
    iso && `${formatTime(iso, details.timezone)} (${details.timezone})`;
  return (
    <div className="jp-hubflow-DagDetails">
      <Facts
        facts={[
          [trans.__('Description'), details.description],
          [trans.__('Owners'), details.owners.length > 0 && <Owners {...details} />],
          [
            trans.__('Tags'),
            details.tags.length > 0 && (
              <ul className="jp-hubflow-Tags">
                {details.tags.map(({ name }) => (
                  <li key={name}>
                    <bdi>{name}</bdi>
                  </li>
                ))}
              </ul>
            )
          ],
          [trans.__('Schedule'), row.schedule_reading],
          [trans.__('As written'), row.schedule_text && <code>{row.schedule_text}</code>],
          [trans.__('Time zone'), details.timezone],
          [trans.__('Start date'), date(details.start_date)],
          [trans.__('End date'), date(details.end_date)],
          [
            trans.__('Catch-up'),
            row.schedule_text === null
              ? null
              : details.catchup
                ? trans.__('yes, dates that were missed run later')
                : trans.__('no, dates that were missed are left out')
          ],
          [trans.__('Max active runs'), details.max_active_runs],
          [trans.__('Concurrency'), trans._n('%1 task', '%1 tasks', details.concurrency)],
          [
            trans.__('Run timeout'),
            timeout && formatDuration(timeout.days * DAY_S + timeout.seconds, trans)
          ],
          [
            trans.__('File'),
            <Button key="file" look="link" onClick={props.onOpenFile}>
              <bdi>{details.fileloc}</bdi>
            </Button>
          ],
          [trans.__('Last read'), details.last_parsed && formatTime(details.last_parsed)],
          [trans.__('Version'), version ? versionText(version, trans) : row.version]
        ]}
      />
      {params.length > 0 && (
        <section>
          <h3>{trans.__('Params')}</h3>
          <Facts
            facts={params.map(([name, value]) => [name, <pre key={name}>{valueText(value)}</pre>])}
          />
        </section>
      )}
      {details.doc_md && <Markdown text={details.doc_md} />}
    </div>
  );
}

/** The owners, as links where the author says where they lead. */
function Owners({ owners, owner_links }: IDagDetail): JSX.Element {
  return (
    <>
      {owners.map((owner, index) => (
        <Fragment key={owner}>
          {index > 0 && ', '}
          <WebLink href={owner_links[owner] ?? ''}>
            <bdi>{owner}</bdi>
          </WebLink>
        </Fragment>
      ))}
    </>
  );
}

/** In one line if it is short. */
function valueText(value: unknown): string {
  if (typeof value === 'string') {
    return value;
  }
  const line = JSON.stringify(value);
  return line.length > LONG_LINE ? JSON.stringify(value, null, 2) : line;
}
