import { lexer, type MarkedToken, type Token, type Tokens } from 'marked';
import { createElement, Fragment, type ReactNode, useMemo } from 'react';

import { decodeEntities, dedent } from '../../logic/markdown';
import { WebLink } from './WebLink';

/** As much as the server keeps of a text; reading more could hold the page up. */
const MOST_TEXT = 100_000;
const DEEPEST = 40;

/** Markdown as elements. Nothing in it becomes HTML or code of this page. */
export default function MarkdownText({ text }: { text: string }): JSX.Element {
  return <>{useMemo(() => read(text), [text])}</>;
}

function read(text: string): ReactNode {
  try {
    return text.length > MOST_TEXT ? <pre>{text}</pre> : elements(lexer(dedent(text)), 0);
  } catch {
    // Thousands of quotes in quotes are more than the stack holds.
    return <pre>{text}</pre>;
  }
}

function elements(tokens: Token[] | undefined, depth: number): ReactNode[] {
  return (tokens ?? []).map((token, index) => (
    <Fragment key={index}>{element(token as MarkedToken, depth + 1)}</Fragment>
  ));
}

function element(token: MarkedToken, depth: number): ReactNode {
  if (depth > DEEPEST) {
    return token.raw;
  }
  switch (token.type) {
    case 'heading':
      // The page itself has the first two levels.
      return createElement(
        `h${Math.min(token.depth + 2, 6)}`,
        null,
        ...elements(token.tokens, depth)
      );
    case 'paragraph':
      return <p>{elements(token.tokens, depth)}</p>;
    case 'text':
      return token.tokens ? elements(token.tokens, depth) : decodeEntities(token.text);
    case 'code':
      return (
        <pre tabIndex={0}>
          <code>{token.text.trimEnd()}</code>
        </pre>
      );
    case 'codespan':
      return <code>{token.text}</code>;
    case 'list':
      return <List token={token} depth={depth} />;
    case 'checkbox':
      return token.checked ? '☑ ' : '☐ ';
    case 'blockquote':
      return <blockquote>{elements(token.tokens, depth)}</blockquote>;
    case 'table':
      return <Table token={token} depth={depth} />;
    case 'strong':
      return <strong>{elements(token.tokens, depth)}</strong>;
    case 'em':
      return <em>{elements(token.tokens, depth)}</em>;
    case 'del':
      return <del>{elements(token.tokens, depth)}</del>;
    case 'link':
      return <WebLink href={decodeEntities(token.href)}>{elements(token.tokens, depth)}</WebLink>;
    case 'image':
      return (
        <WebLink href={decodeEntities(token.href)}>
          {decodeEntities(token.text) || token.href}
        </WebLink>
      );
    case 'br':
      return <br />;
    case 'hr':
      return <hr />;
    case 'space':
    case 'def':
      return null;
    case 'html':
      return token.block ? <pre>{token.raw.trimEnd()}</pre> : token.raw;
    case 'escape':
      return token.text;
    default:
      return token.raw;
  }
}

function List({ token, depth }: { token: Tokens.List; depth: number }): JSX.Element {
  const items = token.items.map((item, index) => (
    <li key={index}>{elements(item.tokens, depth)}</li>
  ));
  return token.ordered ? <ol start={token.start || 1}>{items}</ol> : <ul>{items}</ul>;
}

function Table({ token, depth }: { token: Tokens.Table; depth: number }): JSX.Element {
  return (
    <div className="jp-hubflow-Markdown-table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {token.header.map((cell, index) => (
              <th key={index} style={{ textAlign: cell.align ?? undefined }}>
                {elements(cell.tokens, depth)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {token.rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} style={{ textAlign: cell.align ?? undefined }}>
                  {elements(cell.tokens, depth)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
