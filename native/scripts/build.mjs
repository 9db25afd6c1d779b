// Builds the addon with CMake (and Ninja where it is installed); npm runs it as the install step.
import { spawnSync } from 'node:child_process';
