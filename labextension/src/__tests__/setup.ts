import { Signal } from '@lumino/signaling';
import { cleanup } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

import { endSessions } from './helpers';

/** What jsdom lacks and the views need: dialogs, and elements and text that have a size. */
HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
  this.open = true;
};
HTMLDialogElement.prototype.close = function (this: HTMLDialogElement) {
  this.open = false;
};
Range.prototype.getClientRects = () => [] as unknown as DOMRectList;
Object.defineProperties(HTMLElement.prototype, {
  offsetWidth: { get: () => 800, configurable: true },
  offsetHeight: { get: () => 600, configurable: true },
  clientWidth: { get: () => 800, configurable: true },
  clientHeight: { get: () => 600, configurable: true }
});
window.ResizeObserver = class {
  observe(): void {
    // Sizes never change here.
  }
  unobserve(): void {
    // Nothing was observed.
  }
  disconnect(): void {
    // Nothing was observed.
  }
};

// Without this a slot that throws is only printed.
Signal.setExceptionHandler(error => {
  throw error;
});

afterEach(() => {
  cleanup();
  endSessions();
  vi.useRealTimers();
});
