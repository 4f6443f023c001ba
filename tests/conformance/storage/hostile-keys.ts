/** Names that stores, URLs, XML and file systems trip over. */
export const hostileKeys: readonly string[] = [
  ...[
    'folder/',
    'folder/x',
    'f',
    'f/g',
    'a-b',
    'a/b',
    'a//b',
    '/lead',
    'a/./b',
    'a/../b',
    '..',
    '.',
    'trail ',
    'trail.',
  ],
  ...['x'.repeat(255), 'x'.repeat(256), 'k'.repeat(1024), 'ü'.repeat(100), Array(5).fill('y'.repeat(199)).join('/')],
  ...['c\u0001d', 'c\td', 'c\nd', 'c\rd', 'c\u007fd', 'c\u0085d', 'nul\u0000l'],
  ...['sp ace', 'pl+us', 'per%2Fcent', '%', '%zz', '%41', 'a&<>"\'b', '&amp;', '<Key>k</Key>', ']]>', 'back\\slash'],
  ...['nfc\u00e9', 'nfde\u0301', '😀', '～', '\uffff', '\ufffe', '\ufffd', '\u2028', '日本/語'],
  ...[
    'q?a=b#c',
    'semi;colon:',
    '00123',
    '1e5',
    'true',
    '__proto__',
    'constructor',
    '*',
    '[x]',
    '{y}',
    '`',
    '^',
    '|',
    '$&',
    '~',
  ],
  ...["!'()*", 'a=b,c@d', 'fado', 'http://x/y', 'list-type=2'],
]

/** What a listing can only show as something else when it is not percent-encoded (XML 1.0 has no such characters). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
export const isBlurred = (key: string) => /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/.test(key)
