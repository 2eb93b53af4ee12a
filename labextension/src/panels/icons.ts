import { LabIcon } from '@jupyterlab/ui-components';

/** Three tasks, one after two: the sign of hubflow. */
export const workflowIcon = new LabIcon({
  name: 'hubflow:workflow',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <g class="jp-icon3 jp-icon-selectable" fill="#616161">
    <path d="M1.5 2h4v4h-4zM1.5 10h4v4h-4zM10.500 6h4v4h-4z"/>
    <path d="M5.500 3.400h2.100v4h2.900v1.200H7.600v4H5.500v-1.200h0.900V4.600H5.500z"/>
  </g>
</svg>`
});

/** A clock face with a triangle: run this later. */
export const scheduleIcon = new LabIcon({
  name: 'hubflow:schedule',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <path class="jp-icon3 jp-icon-selectable" fill="#616161"
    d="M8 1.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zm0 1.400a5.100 5.100 0 1 1 0 10.200A5.100 5.100 0 0 1 8 2.900zM7.300 4.400v4l3 1.900.7-1.100-2.300-1.500V4.400z"/>
</svg>`
});
