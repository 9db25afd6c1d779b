// './x.js' in our own TypeScript sources means './x.ts'.
module.exports = (request, options) => {
  const ours = /^\.{1,2}\/.*\.js$/.test(request) && !options.basedir.includes('/node_modules/');
  if (!ours) return options.defaultResolver(request, options);
  try {
    return options.defaultResolver(request.replace(/\.js$/, '.ts'), options);
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    return options.defaultResolver(request, options);
  }
};
