import {
  BaseEdge,
  type Edge,
  EdgeLabelRenderer,
  type EdgeProps,
  getBezierPath
} from '@xyflow/react';

import type { IPoint } from '../../logic/graphLayout';
import { LABEL_HEIGHT, labelWidth } from '../../logic/taskGraph';

interface ILabelledEdgeData extends Record<string, unknown> {
  text: string;
  /** The middle of the text, where no node is. */
  middle: IPoint;
  isVertical: boolean;
}

export type LabelledEdgeType = Edge<ILabelledEdgeData, 'labelled'>;

/** An edge that leads through its text. */
export function LabelledEdge(props: EdgeProps<LabelledEdgeType>): JSX.Element | null {
  const { id, data } = props;
  if (!data) {
    return null;
  }
  const { text, middle, isVertical } = data;
  const width = labelWidth(text);
  const across = isVertical ? 0 : width / 2;
  const along = isVertical ? LABEL_HEIGHT / 2 : 0;
  const [there] = getBezierPath({
    ...props,
    targetX: middle.x - across,
    targetY: middle.y - along
  });
  const [on] = getBezierPath({ ...props, sourceX: middle.x + across, sourceY: middle.y + along });
  return (
    <>
      <BaseEdge id={id} path={`${there} ${on}`} />
      <EdgeLabelRenderer>
        <span
          className="jp-hubflow-LabelledEdge"
          title={text}
          style={{
            width,
            height: LABEL_HEIGHT,
            transform: `translate(${middle.x - width / 2}px, ${middle.y - LABEL_HEIGHT / 2}px)`
          }}
        >
          <bdi>{text}</bdi>
        </span>
      </EdgeLabelRenderer>
    </>
  );
}
