import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Router } from '@jupyterlab/application/lib/router';
import { CommandRegistry } from '@lumino/commands';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { NOWHERE, START } from '../../logic/places';
import { AddressBar, linkFor } from '../../plugins/address';

const GRAPH = { ...NOWHERE, dagId: 'sales', place: { ...START, tab: 'graph' as const } };
const SHOWN = '?hubflow=/dags/sales/graph';

function lab(): {
  bar: AddressBar;
  router: Router;
  commands: CommandRegistry;
  open: ReturnType<typeof vi.fn>;
} {
  const commands = new CommandRegistry();
  const router = new Router({ base: '/user/ada/', commands });
  const app = { commands, restored: Promise.resolve() } as unknown as JupyterFrontEnd;
  const open = vi.fn();
  return { bar: new AddressBar(app, router, open), router, commands, open };
}

afterEach(() => window.history.replaceState({}, '', '/'));

describe('the address in JupyterLab', () => {
  it('opens the page that it names, and nothing when it names none', async () => {
    const { router, open } = lab();
    window.history.replaceState({}, '', '/user/ada/lab');
    await router.route();
    expect(open).not.toHaveBeenCalled();
    window.history.replaceState({}, '', `/user/ada/lab${SHOWN}`);
    await router.route();
    await vi.waitFor(() => expect(open).toHaveBeenCalledWith(GRAPH));
  });

  it('opens the page of the link although a restored page has written its own address', async () => {
    const { bar, router, commands, open } = lab();
    commands.addCommand('test:restore', {
      execute: async () => {
        bar.turnTo({ ...GRAPH, dagId: 'restored' });
        await vi.waitFor(() => expect(window.location.search).toContain('restored'));
      }
    });
    router.register({ command: 'test:restore', pattern: /lab/, rank: 10 });
    window.history.replaceState({}, '', `/user/ada/lab${SHOWN}`);
    await router.route();
    await vi.waitFor(() => expect(open).toHaveBeenCalledWith(GRAPH));
  });

  it('follows the page in front without an entry of its own in the history', async () => {
    const { bar } = lab();
    window.history.replaceState({}, '', '/user/ada/lab?reset');
    const before = window.history.length;
    bar.turnTo(GRAPH);
    await vi.waitFor(() => expect(window.location.search).toContain('hubflow='));
    expect(window.location.search).toContain('reset');
    expect(window.history.length).toBe(before);
    bar.turnTo(null);
    await vi.waitFor(() => expect(window.location.search).not.toContain('hubflow'));
  });

  it('makes an entry for each place on a page, so that Back works', async () => {
    const { bar } = lab();
    window.history.replaceState({}, '', '/user/ada/lab');
    const before = window.history.length;
    bar.goTo(GRAPH);
    await vi.waitFor(() => expect(window.location.search).toBe(SHOWN));
    expect(window.history.length).toBe(before + 1);
    bar.goTo(GRAPH);
    await Promise.resolve();
    expect(window.history.length).toBe(before + 1);
  });

  it('is given to other people as a link to their own JupyterLab', () => {
    expect(linkFor(GRAPH, '/user/ada/', '/hub/')).toBe(
      `${window.location.origin}/hub/user-redirect/lab${SHOWN}`
    );
    expect(linkFor(GRAPH, '/', null)).toBe(`${window.location.origin}/lab${SHOWN}`);
  });
});
