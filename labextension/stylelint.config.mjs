/** Component, part of it, kind of it: `DagRow`, `DagRow-open`, `mod-plain`, `ansi-red`. */
const OURS = 'jp-hubflow-([A-Z][A-Za-z]+(-[a-z]+)?|(mod|ansi)-[a-z]+)';
/** Classes of JupyterLab, CodeMirror and React Flow that ours stand inside or around. */
const OTHERS = 'jp-[A-Z][A-Za-z]+(-[a-z]+)?|cm-[a-z]+|react-flow__[a-z-]+|selected';

export default {
  extends: 'stylelint-config-standard',
  rules: {
    'selector-class-pattern': [
      `^(${OURS}|${OTHERS})$`,
      { message: 'Classes are named jp-hubflow-Component, -Component-part or -mod-kind' }
    ],
    'keyframes-name-pattern': '^jp-hubflow-[a-z]+$',
    'custom-property-pattern': '^(jp-[a-z0-9-]+|state|operator)$'
  }
};
