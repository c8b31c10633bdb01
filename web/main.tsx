/** The page's entry. */
import { render } from 'preact';
import { App } from './app.tsx';
import { look } from './state/box.ts';
import { guardDrafts } from './state/drafts.ts';
import { guardBackups } from './state/backups.ts';
import { guardExports } from './state/exports.ts';
import { rememberKept } from './state/kept-phone.ts';
import { takeInvitations } from './state/invitation.ts';
import { hearLock } from './state/lock.ts';
import { guardProtected } from './state/protected.ts';
import { guardSheet } from './state/recovery-sheet.ts';
import { followAddress } from './state/route.ts';
import { takeCodes } from './state/set-up-code.ts';
import { guardStorage } from './state/storage-use.ts';
import { applyTheme } from './state/theme.ts';
import { askTrust } from './state/trust.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/forms.css';

applyTheme();
takeCodes();
takeInvitations();
followAddress();
guardDrafts();
guardBackups();
guardExports();
guardSheet();
guardStorage();
guardProtected();
hearLock();
rememberKept();
void askTrust();
void look();

const place = document.getElementById('page');
if (place !== null) render(<App />, place);
