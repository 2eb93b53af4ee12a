export type Theme = 'light' | 'dark';

const KEY = 'hubflow-theme';

/** Light or dark: as the system says, until somebody chooses. */
export class ThemeChoice {
  constructor(
    private readonly body: HTMLElement,
    private readonly page: Window
  ) {
    this.system = page.matchMedia('(prefers-color-scheme: dark)');
  }

  /** Draw now and after every change. */
  watch(draw: (theme: Theme) => void): void {
    this.draw = draw;
    this.system.addEventListener('change', () => this.apply());
    this.apply();
  }

  choose(theme: Theme): void {
    this.page.localStorage.setItem(KEY, theme);
    this.apply();
  }

  private apply(): void {
    const chosen = this.page.localStorage.getItem(KEY);
    const theme = chosen === 'light' || chosen === 'dark' ? chosen : this.systemTheme();
    // The attribute that JupyterLab sets, so that one stylesheet serves both.
    this.body.dataset.jpThemeLight = String(theme === 'light');
    this.draw(theme);
  }

  private systemTheme(): Theme {
    return this.system.matches ? 'dark' : 'light';
  }

  private readonly system: MediaQueryList;
  private draw: (theme: Theme) => void = () => undefined;
}
