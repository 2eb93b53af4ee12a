import { lazy, Suspense } from 'react';

const MarkdownText = lazy(() => import('./MarkdownText'));

/** A text that somebody wrote in Markdown; as it was written until what reads it is there. */
export function Markdown({ text }: { text: string }): JSX.Element {
  return (
    <div className="jp-hubflow-Markdown" dir="auto">
      <Suspense fallback={<pre>{text}</pre>}>
        <MarkdownText text={text} />
      </Suspense>
    </div>
  );
}
