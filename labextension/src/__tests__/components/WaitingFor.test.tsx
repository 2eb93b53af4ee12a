import { render, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';

import { WaitingFor } from '../../components/task/WaitingFor';

describe('what a task waits for', () => {
  it('is told by its reasons, and asked again when the state changes', async () => {
    const reason = "there is no pool 'absent'";
    const onAsk = vi
      .fn()
      .mockResolvedValueOnce({ dependencies: [{ name: 'Pool Slots Available', reason }] })
      .mockResolvedValueOnce({ dependencies: [] });
    const { rerender } = render(<WaitingFor stamp="scheduled" onAsk={onAsk} />);
    expect(screen.queryByRole('list')).toBeNull();
    expect((await screen.findByText(reason)).title).toBe('Pool Slots Available');
    rerender(<WaitingFor stamp="queued" onAsk={onAsk} />);
    await vi.waitFor(() => expect(screen.queryByText(reason)).toBeNull());
    expect(onAsk).toHaveBeenCalledTimes(2);
  });

  it('stays silent when nobody can say', async () => {
    const onAsk = vi.fn().mockRejectedValue(new Error('away'));
    render(<WaitingFor stamp="scheduled" onAsk={onAsk} />);
    await vi.waitFor(() => expect(onAsk).toHaveBeenCalled());
    expect(screen.queryByRole('list')).toBeNull();
  });
});
