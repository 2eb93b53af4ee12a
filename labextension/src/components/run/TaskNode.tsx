import { Handle, type Node, type NodeHandle, type NodeProps, Position } from '@xyflow/react';

import { NODE_HEIGHT } from '../../logic/taskGraph';
import { knownState, stateIcon, stateLabel } from '../../logic/states';
import { Icon } from '../common/Icon';
import { useTrans } from '../common/trans';

interface ITaskNodeData extends Record<string, unknown> {
  operator: string;
  state: string | undefined;
  isVertical: boolean;
}

export type TaskNodeType = Node<ITaskNodeData, 'task'>;

/**
 * Where edges end at a task. A node that says so need not be drawn once to be measured, as all
 * ten thousand of a graph would be, though a few are in sight.
 */
export function taskHandles(width: number, isVertical: boolean): NodeHandle[] {
  const start = isVertical ? { x: width / 2, y: 0 } : { x: 0, y: NODE_HEIGHT / 2 };
  const end = isVertical ? { x: width / 2, y: NODE_HEIGHT } : { x: width, y: NODE_HEIGHT / 2 };
  const size = { width: 1, height: 1 };
  return [
    { type: 'target', position: isVertical ? Position.Top : Position.Left, ...start, ...size },
    { type: 'source', position: isVertical ? Position.Bottom : Position.Right, ...end, ...size }
  ];
}

/** A task in the graph: state, id, operator. */
export function TaskNode({ id, data }: NodeProps<TaskNodeType>): JSX.Element {
  const trans = useTrans();
  const { state, operator, isVertical } = data;
  return (
    <div
      className="jp-hubflow-TaskNode"
      data-state={state && knownState(state)}
      title={`${id}\n${operator}`}
    >
      <Handle type="target" position={isVertical ? Position.Top : Position.Left} />
      {state && <Icon name={stateIcon(state)} size={14} />}
      <span className="jp-hubflow-TaskNode-id">
        <bdi>{id}</bdi>
      </span>
      <span className="jp-hubflow-TaskNode-note">
        {state ? stateLabel(state, trans) : operator}
      </span>
      {state && (
        // The graph hears the press; keyboards have the menu key.
        <span className="jp-hubflow-TaskNode-more" data-more title={trans.__('More')}>
          <Icon name="more" size={14} />
        </span>
      )}
      <Handle type="source" position={isVertical ? Position.Bottom : Position.Right} />
    </div>
  );
}
