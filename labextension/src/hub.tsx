import '../style/hub.css';
import '../style/index.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { hubConnection, readHubConfig } from './api/hubConnection';
import { TransContext } from './components/common/trans';
import { plainTrans } from './logic/trans';
import { Session } from './model/session';
import { HubPage } from './panels/hubPage';
import { type Theme, ThemeChoice } from './panels/theme';

const config = readHubConfig(document);
const session = new Session(hubConnection(config));
const theme = new ThemeChoice(document.body, window);
const root = createRoot(document.getElementById('hubflow') ?? addRoot());

function draw(current: Theme): void {
  root.render(
    <StrictMode>
      <TransContext.Provider value={plainTrans}>
        <HubPage
          session={session}
          hubPrefix={config.hubPrefix}
          user={config.user}
          isDark={current === 'dark'}
          onTheme={isDark => theme.choose(isDark ? 'dark' : 'light')}
        />
      </TransContext.Provider>
    </StrictMode>
  );
}

function addRoot(): HTMLElement {
  const element = document.createElement('div');
  element.id = 'hubflow';
  document.body.append(element);
  return element;
}

theme.watch(draw);
