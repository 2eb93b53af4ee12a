import { useCallback, useSyncExternalStore } from 'react';

import type { Model } from '../model/model';

/** Draw again whenever the model changes. */
export function useModel(model: Model): void {
  const subscribe = useCallback(
    (draw: () => void) => {
      model.changed.connect(draw);
      return () => {
        model.changed.disconnect(draw);
      };
    },
    [model]
  );
  useSyncExternalStore(subscribe, () => model.revision);
}
