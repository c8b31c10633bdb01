/** The map is in the tree: each folder says what belongs in it, and the README names each folder. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../server/config.ts';
import { filesBelow, serverFolders, textOf, webFolders } from './tree.ts';

describe('the map', () => {
  it.each(serverFolders())('server/%s says what belongs there and what does not', (folder) => {
    const readme = textOf(`server/${folder}/README.md`);
    expect(readme).toContain('**Belongs here:**');
    expect(readme).toContain('**Does not belong here:**');
  });

  it.each(serverFolders())('server/%s stands in the README', (folder) => {
    // As a row of the map: its name, a slash or a backtick, and some words.
    expect(textOf('README.md')).toMatch(new RegExp(`\\b${folder}/?\`? .*\\w{3}`));
  });

  it('web says what belongs there and what does not', () => {
    const readme = textOf('web/README.md');
    expect(readme).toContain('**Belongs here:**');
    expect(readme).toContain('**Does not belong here:**');
  });

  it.each(webFolders())('web/%s stands in the README of web', (folder) => {
    expect(textOf('web/README.md')).toMatch(new RegExp(`\`${folder}/\` \\|.*\\w{3}`));
  });
});

describe('pages', () => {
  const pages = filesBelow().filter((path) => path.endsWith('.md'));

  it.each(pages)('%s links only to files that exist', (page) => {
    const folder = page.includes('/') ? page.slice(0, page.lastIndexOf('/')) : '';
    const links = [...textOf(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)];
    const broken = links
      .map((link) => link[1] ?? '')
      .filter((target) => !existsSync(join(PACKAGE_ROOT, folder, target)));
    expect(broken).toEqual([]);
  });

  const designs = pages.filter((path) => path.startsWith('docs/design/'));

  it.each(designs)('%s has the parts of a design page', (page) => {
    for (const part of ['Status', 'Objective', 'Overview', 'Detailed design', 'Alternatives']) {
      expect(textOf(page)).toContain(part);
    }
  });

  it('the changelog starts with what is not released yet', () => {
    expect(textOf('CHANGELOG.md')).toMatch(/^# Changelog\n+## Unreleased\n/);
  });
});
