import { createContext, useContext } from 'react';

import { plainTrans } from '../../logic/trans';
import type { ITrans } from '../../tokens';

/** The language of the page; panels provide it, components read it. */
export const TransContext = createContext<ITrans>(plainTrans);

export function useTrans(): ITrans {
  return useContext(TransContext);
}
