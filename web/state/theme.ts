/** Light, dark, or as the system has it: kept in this browser. */
import { effect, signal } from '@preact/signals';

/** See the head of this file. */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'theme';

function kept(): Theme {
  const value = localStorage.getItem(KEY);
  return value === 'light' || value === 'dark' ? value : 'system';
}

/** The choice; setting it changes the page at once. */
export const theme = signal<Theme>('system');

/** Begins to apply the choice; once, at the start of the page. */
export function applyTheme(): void {
  theme.value = kept();
  effect(() => {
    const chosen = theme.value;
    if (chosen === 'system') {
      delete document.documentElement.dataset['theme'];
      localStorage.removeItem(KEY);
    } else {
      document.documentElement.dataset['theme'] = chosen;
      localStorage.setItem(KEY, chosen);
    }
  });
}
