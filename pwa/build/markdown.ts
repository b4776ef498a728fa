import { marked } from 'marked';
import type { Plugin } from 'vite';

/** Makes a Markdown file a module whose default export is its HTML. The files are our own: nothing is escaped.
 * A heading that ends in <a id="name"></a> has that id, the same in every language. */
export function markdown(): Plugin {
  return {
    name: 'neuroplay-markdown',
    transform(source, id) {
      if (!id.endsWith('.md')) return null;
      return { code: `export default ${JSON.stringify(htmlOf(source))};`, map: null };
    },
  };
}

export function htmlOf(source: string): string {
  const html = marked.parse(source, { async: false });
  return html.replace(/<h(\d)>(.*?)\s*<a id="([\w-]+)"><\/a><\/h\1>/g, '<h$1 id="$3">$2</h$1>');
}
