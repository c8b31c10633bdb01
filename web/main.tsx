/** The page's entry. */
import { render } from 'preact';
import { App } from './app.tsx';
import { look } from './state/box.ts';
import { followAddress } from './state/route.ts';
import { applyTheme } from './state/theme.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';

applyTheme();
followAddress();
void look();

const place = document.getElementById('page');
if (place !== null) render(<App />, place);
