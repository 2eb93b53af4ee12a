import { python } from '@codemirror/lang-python';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorState, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';

import { useTrans } from '../common/trans';

interface ICodeTextProps {
  text: string;
  /** A line to mark and scroll to, from 1. */
  errorLine: number | null;
}

const style = (name: string, fallback: string): string =>
  `var(--jp-mirror-editor-${name}-color, var(--jp-content-font-color${fallback}))`;

/** The colours of JupyterLab's own editor. */
const HIGHLIGHT = HighlightStyle.define([
  { tag: tags.keyword, color: style('keyword', '1'), fontWeight: 'bold' },
  { tag: [tags.atom, tags.bool, tags.null], color: style('atom', '1') },
  { tag: tags.number, color: style('number', '1') },
  { tag: [tags.string, tags.special(tags.string)], color: style('string', '1') },
  { tag: tags.comment, color: style('comment', '2'), fontStyle: 'italic' },
  { tag: tags.definition(tags.variableName), color: style('def', '1') },
  { tag: tags.function(tags.definition(tags.variableName)), color: style('def', '1') },
  { tag: tags.standard(tags.variableName), color: style('builtin', '1') },
  { tag: tags.operator, color: style('operator', '1'), fontWeight: 'bold' },
  { tag: tags.meta, color: style('meta', '1') }
]);

const markLine = StateEffect.define<number | null>();
const markedLine = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (marks, transaction) => {
    for (const effect of transaction.effects) {
      if (effect.is(markLine)) {
        return decorate(transaction.state, effect.value);
      }
    }
    return marks;
  },
  provide: field => EditorView.decorations.from(field)
});

/** Python code to read, with line numbers. */
export default function CodeText({ text, errorLine }: ICodeTextProps): JSX.Element {
  const trans = useTrans();
  const root = useRef<HTMLDivElement>(null);
  const label = trans.__('Source code');
  useEffect(() => {
    if (!root.current) {
      return undefined;
    }
    const view = new EditorView({
      parent: root.current,
      state: EditorState.create({
        doc: text,
        extensions: [
          lineNumbers(),
          python(),
          syntaxHighlighting(HIGHLIGHT),
          markedLine,
          EditorState.readOnly.of(true),
          EditorView.editable.of(false),
          EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' })
        ]
      })
    });
    view.dispatch({ effects: markLine.of(errorLine) });
    if (errorLine !== null && errorLine <= view.state.doc.lines) {
      const { from } = view.state.doc.line(errorLine);
      view.dispatch({ effects: EditorView.scrollIntoView(from, { y: 'center' }) });
    }
    return () => view.destroy();
  }, [text, errorLine, label]);
  return <div className="jp-hubflow-CodeText" ref={root} />;
}

function decorate(state: EditorState, line: number | null): DecorationSet {
  if (line === null || line < 1 || line > state.doc.lines) {
    return Decoration.none;
  }
  const mark = Decoration.line({ class: 'jp-hubflow-CodeText-error' });
  return Decoration.set([mark.range(state.doc.line(line).from)]);
}
