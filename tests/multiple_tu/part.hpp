// What each translation unit of the program computes, with the instruction set that it was compiled for.
#pragma once

struct Part {
    const char* isa;
    float sum;    // of x * sigmoid(x) over x = -5, ..., 5
    float slope;  // its derivative by the first x
};

Part first();
Part second();
Part baseline();
Part v3();
