'use strict';
// Loads the addon that `npm run install -w native` builds.
const path = require('node:path');

module.exports = require(path.join(__dirname, 'build', 'Release', 'walrus.node'));
